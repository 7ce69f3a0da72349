/**
 * The version that PostgreSQL's number for it means: 150018 is 15.18, 90624 is 9.6.24; undefined when it means none.
 */
export const postgresVersion = (number: number): string | undefined => {
  if (number < 10_000) return undefined
  const major = Math.floor(number / 10_000)
  return major >= 10 ? `${major}.${number % 10_000}` : `${major}.${Math.floor(number / 100) % 100}.${number % 100}`
}
