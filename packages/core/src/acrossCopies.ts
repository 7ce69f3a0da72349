const NAME = Symbol.for("@backup-catalog/core/error")

type ErrorClass = abstract new (...args: never) => object

/**
 * The class of an error, of which `instanceof` tells the instances also where another copy of this package made them: a
 * program may have several, as the plain client brings its own. Classes that somebody derives from it are told as ever.
 */
export const acrossCopies = <Made extends ErrorClass>(made: Made): Made => {
  // What `Data.TaggedError` calls its errors.
  const { name } = made.prototype
  Object.defineProperty(made.prototype, NAME, { value: name })
  const hasInstance = function (this: ErrorClass, value: unknown): boolean {
    return Object.getPrototypeOf(this) === made
      ? typeof value === "object" && value !== null && Reflect.get(value, NAME) === name
      : Function.prototype[Symbol.hasInstance].call(this, value)
  }
  return Object.defineProperty(made, Symbol.hasInstance, { value: hasInstance })
}
