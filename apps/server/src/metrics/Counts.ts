import { AggregatorRegistry, type MetricObjectWithValues, type MetricValue, type Registry } from "prom-client"

/** The metrics of a process for Prometheus, as they are at one moment. */
export type Counts = ReadonlyArray<MetricObjectWithValues<MetricValue<string>>>

/** Whether it only grows, so that it must not go back when its process ends; what is not, is of the moment. */
export const onlyGrows = ({ type }: { readonly type: unknown }): boolean => type !== "gauge"

/** What several processes have together. */
export const together = (counts: ReadonlyArray<Counts>): Registry => AggregatorRegistry.aggregate([...counts])
