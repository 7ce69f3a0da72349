// Arguments are joined by blanks without quotes, so a value ends where the next option begins.
const NEXT = /\s(?=--?[A-Za-z])/

/** A value without the folder behind all options, into which innobackupex writes. */
const withoutFolder = (value: string): string => {
  const at = value.lastIndexOf(" ")
  return at > 0 && /^[/.]/.test(value.slice(at + 1)) ? value.slice(0, at).trimEnd() : value
}

/** The value of an option in `tool_command`; undefined where it was not given. */
export const optionOf = (command: string, option: string): string | undefined => {
  // MySQL's programs take both signs between the words of an option.
  const given = new RegExp(`^--${option.replaceAll("-", "[-_]")}(?:=|\\s+)(.*)$`, "s")
  for (const argument of command.split(NEXT)) {
    const value = given.exec(argument)?.[1]?.trimEnd()
    if (value !== undefined) return withoutFolder(value) || undefined
  }
  return undefined
}

const selections = ["databases", "databases-file", "tables", "tables-file"]
const exclusions = ["databases-exclude", "tables-exclude"]

const gives = (command: string | undefined, options: ReadonlyArray<string>): boolean =>
  options.some((option) => optionOf(command ?? "", option) !== undefined)

/** Whether a command says which tables to take. */
export const hasSelection = (command: string | undefined): boolean => gives(command, selections)

/** Whether a command says what to leave out. */
export const hasExclusion = (command: string | undefined): boolean => gives(command, exclusions)

/** A path of a command in the form in which two can be compared. */
export const plainPath = (path: string): string => path.replace(/\/(?:\.?\/)+/g, "/").replace(/(.)\/\.?$/, "$1")
