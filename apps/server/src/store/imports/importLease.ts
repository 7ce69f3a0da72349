/** For how long nothing may be heard of an import before another one of its source may begin, in milliseconds. */
export const LEASE = 5000
