/** Fields as a record of a CSV file (RFC 4180), without the line break. */
export const csvLine = (fields: readonly (string | number)[], delimiter = ','): string =>
  fields
    .map(String)
    .map((field) => (needsQuotes(field, delimiter) ? `"${field.replaceAll('"', '""')}"` : field))
    .join(delimiter);

const needsQuotes = (field: string, delimiter: string): boolean =>
  field.includes(delimiter) || /["\r\n]/.test(field);
