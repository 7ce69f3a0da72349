/** Rows of cells as they are printed; the cells of one column, such as counts, may be aligned `right`. */
export const textTable = (rows: ReadonlyArray<ReadonlyArray<string>>, right?: number): string => {
  const widths = (rows[0] ?? []).map((_, n) => rows.reduce((most, row) => Math.max(most, row[n]?.length ?? 0), 0))
  const pad = (cell: string, n: number) => (n === right ? cell.padStart(widths[n] ?? 0) : cell.padEnd(widths[n] ?? 0))
  return rows.map((row) => row.map(pad).join("  ").trimEnd()).join("\n")
}
