import type { Marker } from "./Marker.ts"

/**
 * Tells of one page after the other whether its `next` leads back to an earlier one; `marker` is that of the page
 * itself. With one remembered marker (Brent's algorithm), so that a walk of any length takes no memory: it may go
 * through a circle a few times before it is found.
 */
export const circleFinder = () => {
  let remembered: Marker | undefined
  let steps = 0
  let stride = 1
  return (marker: Marker | undefined, next: Marker): boolean => {
    if (next === remembered || next === marker) return true
    if (++steps === stride) {
      remembered = next
      steps = 0
      stride *= 2
    }
    return false
  }
}
