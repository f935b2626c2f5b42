/** The used part of yazl, which has no types: https://github.com/thejoshwolfe/yazl */
declare module 'yazl' {
  export class ZipFile {
    readonly outputStream: NodeJS.ReadableStream;
    addFile(path: string, name: string, options: { readonly mtime: Date; readonly mode: number }): void;
    end(): void;
  }
}
