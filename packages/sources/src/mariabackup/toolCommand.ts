// Arguments are joined by blanks without quotes, so a value ends where the next option begins.
const NEXT = /\s(?=--?[A-Za-z])/

/** The value of an option in `tool_command`; undefined where it was not given. */
export const optionOf = (command: string, option: string): string | undefined => {
  // MySQL's programs take both signs between the words of an option.
  const given = new RegExp(`^--${option.replaceAll("-", "[-_]")}(?:=|\\s+)(.*)$`, "s")
  for (const argument of command.split(NEXT)) {
    const value = given.exec(argument)?.[1]?.trimEnd()
    if (value !== undefined) return value || undefined
  }
  return undefined
}

/** A path of a command in the form in which two can be compared. */
export const plainPath = (path: string): string => path.replace(/\/(?:\.?\/)+/g, "/").replace(/(.)\/\.?$/, "$1")
