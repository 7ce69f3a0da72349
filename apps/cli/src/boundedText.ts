import type { Readable } from "node:stream"

/** The text of a stream, without its byte order mark; throws where it has more bytes, or is not UTF-8. */
export const boundedText = async (stream: Readable, maxBytes: number): Promise<string> => {
  const decoder = new TextDecoder("utf-8", { fatal: true })
  let [text, size] = ["", 0]
  for await (const chunk of stream) {
    size += chunk.length
    if (size > maxBytes) throw new Error(`it has more than ${maxBytes} bytes, which is the most that is read`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

/** Why reading a stream failed, as the end of a sentence. */
export const readingProblem = (error: unknown): string => {
  if (error instanceof TypeError) return "it is not valid UTF-8"
  return error instanceof Error ? error.message : String(error)
}
