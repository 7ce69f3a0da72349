/** An option of a command: how it is written, where its value comes from, and what its help says. */
export interface Flag {
  /** The one letter it may also be written with. */
  readonly short?: string
  /** What its value is called in the help; an option without one is on or off. */
  readonly value?: string
  /** Whether it may be given more than once. */
  readonly repeatable?: boolean
  /** Whether the command needs it. */
  readonly required?: boolean
  /**
   * The variable of the environment that counts where it is not given; of one that may be repeated, with spaces
   * between.
   */
  readonly variable?: string
  /** Its value where neither is given. */
  readonly default?: string
  /** What counts where neither is given, in words, where that is not one value. */
  readonly otherwise?: string
  /** Whether it may be given as an empty text, such as one that takes back a variable. */
  readonly mayBeEmpty?: boolean
  /** Whether its value is shown to nobody. */
  readonly secret?: boolean
  /** One sentence, with an example where that helps. */
  readonly help: string
  /** What a shell offers as its value. */
  readonly choices?: ReadonlyArray<string>
  /** Whether its value is a file, which a shell then offers. */
  readonly file?: boolean
  /** The title that it stands under in the help; `Options` where there is none. */
  readonly section?: string
}

/** Options by their long names. */
export type Flags<Name extends string = string> = Readonly<Record<Name, Flag>>

/** What a command takes that is not an option. */
export interface Argument {
  readonly name: string
  /** Whether there may be more than one. */
  readonly repeatable?: boolean
  readonly help: string
  readonly choices?: ReadonlyArray<string>
  /** Whether it is a file or folder, which a shell then offers. */
  readonly file?: boolean
  /** The option that wants something else in its place, and what. */
  readonly unless?: readonly [option: string, argument: Argument]
}

/** One command of a program, as its help and the reader of the command line need to know it. */
export interface Command<Name extends string = string> {
  /** One word or more. */
  readonly name: string
  /** One sentence. */
  readonly summary: string
  /** What else a reader of its help needs to know. */
  readonly details?: string
  readonly argument?: Argument
  /** An argument that may follow the first one, and need not. */
  readonly secondArgument?: Argument
  /** What the words behind `--` are, where they are taken as they are. */
  readonly rest?: Argument
  readonly flags: Flags<Name>
  /** Variables of the environment that no option stands for, each with what it says. */
  readonly variables?: ReadonlyArray<readonly [variable: string, meaning: string]>
  /** Command lines that work when pasted, each with what it does. */
  readonly examples: ReadonlyArray<readonly [line: string, meaning: string]>
}

/** A program with commands. */
export interface Program<C extends Command = Command> {
  /** What it is called on a command line. */
  readonly name: string
  /** One sentence. */
  readonly summary: string
  /** Options that several commands take, and that may also stand in front of the command. */
  readonly flags: Flags
  /** Whether a command takes those. */
  readonly takesThem: (command: C) => boolean
}
