import { keptEnding } from "./sourcePath.ts"

/**
 * The endings of programs other than gzip that compress or encrypt the output of another one, as a part of an
 * expression.
 */
export const streamPackings = "zst|zstd|xz|bz2|lz|lz4|lzo|lzma|gpg|pgp|age"

/** The endings of all programs other than gzip that compress or encrypt a file, as a part of an expression. */
export const otherPackings = `${streamPackings}|z|7z|zip|rar|br|asc|enc|aes|aes256`

/**
 * Whether a file is by its name the signature of another one of those paths, as `gpg --armor --detach-sign` makes it.
 */
export const isSignature = (path: string, paths: ReadonlySet<string>): boolean =>
  path.endsWith(".asc") && paths.has(path.slice(0, -".asc".length))

const packing = String.raw`\.(?:gz|${otherPackings})`

/**
 * What stands behind the name of a file that cannot be looked into, as a part of an expression: it was packed by
 * another program than gzip, or more than once. `first` are the endings of those that may stand there alone.
 */
export const packedOtherwise = (first = otherPackings): string =>
  // With a bound, since a name of many endings can be taken apart in many ways.
  String.raw`(?:\.(?:${first})|\.gz${keptEnding}${packing})${keptEnding}(?:${packing}${keptEnding}){0,2}`
