/**
 * What a Lambda function has per vCPU, in MB.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
 */
export const MB_PER_VCPU = 1_769;
