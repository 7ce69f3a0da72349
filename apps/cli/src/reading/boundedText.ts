import type { Readable } from "node:stream"
import { systemReason } from "@backup-catalog/command-line"
import { boundedChunks } from "./boundedBytes.ts"

/** The text of a stream, without its byte order mark; throws where it has more bytes, or is not UTF-8. */
export const boundedText = async (stream: Readable, maxBytes: number): Promise<string> => {
  const decoder = new TextDecoder("utf-8", { fatal: true })
  let text = ""
  for await (const chunk of boundedChunks(stream, maxBytes)) text += decoder.decode(chunk, { stream: true })
  return text + decoder.decode()
}

/** Why reading a stream failed, as the end of a sentence. */
export const readingProblem = (error: unknown): string => {
  if (error instanceof TypeError) return "it is not valid UTF-8"
  return systemReason(error)
}
