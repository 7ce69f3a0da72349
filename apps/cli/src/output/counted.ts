/** A number and what it counts: `1 backup`, `2 backups`. */
export const counted = (count: number, one: string, many: string): string =>
  count === 1 ? `1 ${one}` : `${count} ${many}`
