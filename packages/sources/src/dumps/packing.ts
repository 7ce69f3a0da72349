const magics: ReadonlyArray<readonly [packing: "gzip" | "other", magic: ReadonlyArray<number>]> = [
  ["gzip", [0x1f, 0x8b, 0x08]],
  ["other", [0x28, 0xb5, 0x2f, 0xfd]], // zstd
  ["other", [0x04, 0x22, 0x4d, 0x18]], // lz4
  ["other", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]], // xz
  ["other", [0x42, 0x5a, 0x68]] // bzip2
]

/** Whether bytes begin as what gzip or another program compressed; undefined when they do not. */
export const packingOf = (bytes: Uint8Array): "gzip" | "other" | undefined =>
  magics.find(([, magic]) => magic.every((byte, index) => bytes[index] === byte))?.[0]

/** What is wrong with a dump in UTF-16, which no program restores. */
export const UTF16 = "is text in UTF-16, as > of Windows PowerShell writes it, which no program restores"

/** What to do instead of writing a dump in UTF-16. */
export const INSTEAD_OF_UTF16 = "let the program write the file itself, with --file or --result-file"

/** The text in UTF-16 that bytes are by their beginning; undefined where they are not. */
export const utf16Text = (bytes: Uint8Array): string | undefined => {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be").decode(bytes)
  return undefined
}

/** Whether bytes begin as text in UTF-16. */
export const isUtf16 = (bytes: Uint8Array): boolean => utf16Text(bytes.subarray(0, 2)) !== undefined
