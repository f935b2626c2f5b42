/** The parameters of how functions are deployed. */
export const PACKAGE_PARAMETERS = ['package', 'imageUri'] as const;

export type PackageParameters = Readonly<Record<(typeof PACKAGE_PARAMETERS)[number], string>>;

/** By its digest: a tag may be moved, and Lambda would not notice. */
const IMAGE_URI = /^\d{12}\.dkr\.ecr\.[\w-]+\.amazonaws\.com(\.cn)?\/[\w./-]+@sha256:[\da-f]{64}$/;

/** The faults of these parameters: the name, what is wrong and what to do. */
export const packageFaults = ({ package: how, imageUri }: PackageParameters): readonly string[] => {
  if (how !== 'layers' && how !== 'image') return [`Parameter package is "${how}": use layers or image.`];
  if (how === 'layers')
    return imageUri === '' ? [] : ['Parameter imageUri is for package=image, and package is layers.'];
  return IMAGE_URI.test(imageUri)
    ? []
    : [
        `Parameter imageUri is "${imageUri}": give the image in ECR with its digest, ` +
          '123456789012.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:<digest>.',
      ];
};
