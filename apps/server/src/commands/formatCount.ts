/** A count as a person reads it: `1,204`. */
export const formatCount = (count: number): string => count.toLocaleString("en")
