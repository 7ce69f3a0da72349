import type { FolderImporter, SourceFile } from "../Importer.ts"
import { baseName } from "./sourcePath.ts"

const MAGIC = [0x00, 0x05, 0x16, 0x07]

const isNamed = (path: string): boolean => baseName(path).startsWith("._")

const isOther = ({ path, head }: SourceFile): boolean =>
  !isNamed(path) || MAGIC.some((byte, index) => head[index] !== byte)

/**
 * An importer that passes over what macOS writes beside a file on a disk that keeps no attributes of its own:
 * `._shop.sql` for `shop.sql`, in the format AppleDouble. It is known by its name and first bytes (RFC 1740).
 */
export const withoutAppleDouble = (importer: FolderImporter): FolderImporter => ({
  ...importer,
  wants: (path, size) => {
    const wanted = importer.wants(path, size)
    // Whatever its name ends with, it is not compressed.
    return isNamed(path) ? { ...wanted, head: Math.max(wanted.head, MAGIC.length), gunzip: false } : wanted
  },
  detect: (files) => importer.detect(files.filter(isOther)),
  parse: (files, options) => importer.parse(files.filter(isOther), options)
})
