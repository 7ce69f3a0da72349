declare const BACKUPS_VERSION: string

/** The version of the program, filled in when it is built. */
export const version = BACKUPS_VERSION
