/** What a time zone is, as the end of a sentence. */
export const timeZoneForms = "a name such as Europe/Berlin, UTC, or an offset such as +05:30"
