import type { Argument, Flags } from "@backup-catalog/command-line"
import { brief, type CompletedCommand, spellings } from "./CompletedCommand.ts"

const quoted = (text: string): string => `'${text.replace(/[\\']/g, "\\$&")}'`

const options = (here: string, flags: Flags): ReadonlyArray<string> =>
  Object.entries(flags).map(([long, { short, value, help, file, choices, repeatable }]) => {
    const offered = choices === undefined ? "" : ` -a ${quoted(choices.join(" "))}`
    // Behind a comma another one may follow.
    const several = choices === undefined ? "" : ` -a ${quoted(`(__fish_append , ${choices.join(" ")})`)}`
    const parameter = value === undefined ? "" : file ? " -r -F" : ` -x${repeatable ? several : offered}`
    return `${here} -l ${long}${short === undefined ? "" : ` -s ${short}`}${parameter} -d ${quoted(brief(help))}`
  })

const offer = (condition: string, { file, choices }: Argument): ReadonlyArray<string> => {
  const here = `complete -c backups -n ${quoted(condition)}`
  if (file) return [`${here} -F`]
  return choices === undefined ? [] : [`${here} -a ${quoted(choices.join(" "))}`]
}

const lines = ({ name, argument, secondArgument, flags }: CompletedCommand): ReadonlyArray<string> => {
  const first = argument?.repeatable ? `__backups_in ${name}` : `__backups_in ${name} 0`
  const [option, other] = argument?.unless ?? []
  const unless = option === undefined ? "" : `; and not __fish_contains_opt ${option}`
  return [
    ...options(`complete -c backups -n '__backups_in ${name}'`, flags),
    ...(argument === undefined ? [] : offer(`${first}${unless}`, argument)),
    ...(option === undefined || other === undefined ? [] : offer(`${first}; and __fish_contains_opt ${option}`, other)),
    ...(secondArgument === undefined ? [] : offer(`__backups_in ${name} 1`, secondArgument))
  ]
}

const valued = (flags: Flags): string =>
  Object.entries(flags)
    .filter(([, { value }]) => value !== undefined)
    .map(([name, flag]) => spellings(name, flag).join(" "))
    .join(" ")

/** The completion script for fish. */
export const fish = (commands: ReadonlyArray<CompletedCommand>, root: Flags): string => `# fish completion of backups
complete -c backups -f

# whether a command is the one on the line, or there is none yet; and has so many arguments, where a number is given
function __backups_in
    set -l valued ${valued(root)}
    set -l value no
    set -l command ''
    set -l count 0
    for word in (commandline -opc)[2..]
        if test $value = yes
            set value no
        else if contains -- $word $valued
            set value yes
        else if string match -q -- '-*' $word
            continue
        else if test -n "$command"
            set count (math $count + 1)
        else
            set command $word
            switch $command
${commands.map(({ name, flags }) => `                case ${name}\n                    set valued ${valued(flags)}`).join("\n")}
            end
        end
    end
    test "$command" = "$argv[1]"; and test "$count" = "$argv[2]" -o (count $argv) = 1
end

${commands
  .map(({ name, summary }) => `complete -c backups -n '__backups_in ""' -a ${name} -d ${quoted(summary)}`)
  .join("\n")}
${options(`complete -c backups -n '__backups_in ""'`, root).join("\n")}
${commands.flatMap(lines).join("\n")}
`
