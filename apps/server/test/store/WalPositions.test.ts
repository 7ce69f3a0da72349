import { assert, describe, it } from "vitest"
import { WalPositions } from "../../src/store/postgres/WalPositions.ts"

describe("positions of a primary", () => {
  it("tell when it last had nothing that a copy lacks", () => {
    const positions = new WalPositions(1000)
    for (const [at, position] of [
      [0, 10n],
      [100, 20n],
      [200, 20n],
      [300, 30n]
    ] as const) {
      positions.note(at, position)
    }
    assert.deepStrictEqual(
      [9n, 10n, 19n, 20n, 29n, 30n, 99n].map((replayed) => positions.currentAt(replayed)),
      [undefined, 0, 0, 200, 200, 300, 300]
    )
  })

  it("are those of a while, and none after they were cleared", () => {
    const positions = new WalPositions(1000)
    positions.note(0, 10n)
    assert.strictEqual(positions.isFull(1000), false)
    assert.strictEqual(positions.isFull(1001), true)
    positions.note(1001, 20n)
    assert.deepStrictEqual([positions.currentAt(10n), positions.currentAt(20n)], [undefined, 1001])
    positions.clear()
    assert.deepStrictEqual([positions.currentAt(20n), positions.isFull(5000)], [undefined, false])
  })

  it("of a primary that was put back to an earlier state are those that it has now", () => {
    const positions = new WalPositions(1000)
    positions.note(0, 50n)
    positions.note(100, 30n)
    assert.strictEqual(positions.currentAt(40n), 100)
    assert.strictEqual(positions.currentAt(20n), undefined)
  })
})
