/**
 * A limit that is bound. Of one without the sign SQLite looks at the value for its plan, and compiles the statement
 * anew each time that it is bound, which takes as long as to read twenty rows (`sqlite3ExprIsInteger`, in
 * `computeLimitRegisters`).
 */
export const LIMIT = "LIMIT +?"
