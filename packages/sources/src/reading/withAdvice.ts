import { SourceRefused } from "../Importer.ts"

/** A refusal with what to do about it, where it does not say that itself. */
export const withAdvice =
  (advice: string) =>
  ({ message }: SourceRefused): SourceRefused =>
    new SourceRefused({ message: message.endsWith(".") ? message : `${message} – ${advice}.` })
