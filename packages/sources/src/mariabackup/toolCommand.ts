// Arguments are joined by blanks without quotes, so a value ends where the next option begins.
const END = String.raw`(?=\s+--?[A-Za-z]|\s*$)`

/** The value of an option in `tool_command`; undefined where it was not given. */
export const optionOf = (command: string, option: string): string | undefined => {
  // MySQL's programs take both signs between the words of an option.
  const name = option.replaceAll("-", "[-_]")
  return new RegExp(String.raw`(?:^|\s)--${name}(?:=|\s+)(.*?)${END}`).exec(command)?.[1] || undefined
}

/** A path of a command in the form in which two can be compared. */
export const plainPath = (path: string): string => path.replace(/\/(?:\.?\/)+/g, "/").replace(/(.)\/\.?$/, "$1")
