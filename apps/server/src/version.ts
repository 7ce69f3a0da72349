declare const VERSION: string

/** The version of the program; 0.0.0 where it runs from source. */
export const version = typeof VERSION === "string" ? VERSION : "0.0.0"
