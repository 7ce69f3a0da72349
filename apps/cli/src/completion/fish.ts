import { brief, type CompletedCommand } from "./CompletedCommand.ts"

const quoted = (text: string): string => `'${text.replace(/[\\']/g, "\\$&")}'`

const lines = ({ name, argument, secondArgument, flags }: CompletedCommand): ReadonlyArray<string> => {
  const here = `complete -c backups -n '__fish_seen_subcommand_from ${name}'`
  const choices = (list: ReadonlyArray<string>) => quoted(list.join(" "))
  return [
    ...Object.entries(flags).map(([long, { short, value, help, file, choices: list }]) => {
      const parameter =
        value === undefined ? "" : file ? " -r -F" : list === undefined ? " -x" : ` -x -a ${choices(list)}`
      return `${here} -l ${long}${short === undefined ? "" : ` -s ${short}`}${parameter} -d ${quoted(brief(help))}`
    }),
    ...(argument?.choices === undefined ? [] : [`${here} -a ${choices(argument.choices)}`]),
    ...(secondArgument?.file && argument?.choices !== undefined
      ? [`${here.slice(0, -1)}; and __fish_seen_subcommand_from ${argument.choices.join(" ")}' -F`]
      : [])
  ]
}

/** The completion script for fish. */
export const fish = (commands: ReadonlyArray<CompletedCommand>): string => `# fish completion of backups
complete -c backups -f
${commands
  .map(({ name, summary }) => `complete -c backups -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`)
  .join("\n")}
${commands.flatMap(lines).join("\n")}
`
