import { assert, assertEquals, assertThrows } from "@std/assert";
import { clusterValues } from "../../../../core/compress/share/cluster_values.ts";
import {
  type CentroidStart,
  startCentroids,
} from "../../../../core/compress/share/start_centroids.ts";
import { fc } from "../../../seeded_check.ts";

/** Sixty numbers, most of them small. */
const VALUES = Float32Array.from(
  { length: 60 },
  (_, i) => ((i * 37) % 101 - 50) ** 3 / 50_000 + ((i * 17) % 13) / 40,
);

/** What Lloyd's algorithm, written with NumPy and without sorting, makes of them. */
const GOLDEN: { start: CentroidStart; centroids: number[]; indices: string }[] =
  [
    {
      start: { kind: "linear" },
      centroids: [
        -2.0714499950408936,
        -1.1195200681686401,
        -0.2909559905529022,
        0.2284693419933319,
        1.1612299680709839,
        2.1133999824523926,
      ],
      indices: "033134235330331342352313323423533134235230331342353303323423",
    },
    {
      start: { kind: "density" },
      centroids: [
        -1.8446500301361084,
        -0.7508166432380676,
        -0.006897142622619867,
        0.36117249727249146,
        1.1612299680709839,
        2.1133999824523926,
      ],
      indices: "023124225220331342352302312423523024125230331342352302312422",
    },
  ];

const STARTS: CentroidStart[] = [
  { kind: "linear" },
  { kind: "density" },
  { kind: "random", seed: 1 },
];

function cluster(values: Float32Array, count: number, start: CentroidStart) {
  return clusterValues(values, startCentroids(values.toSorted(), count, start));
}

for (const { start, centroids, indices } of GOLDEN) {
  Deno.test(`k-means from a ${start.kind} start finds what NumPy finds`, () => {
    const found = cluster(VALUES, 6, start);
    assertEquals([...found.indices].join(""), indices);
    found.centroids.forEach((centroid, j) =>
      assert(Math.abs(centroid - centroids[j]) < 1e-6)
    );
  });
}

Deno.test("each start is its formula's", () => {
  const sorted = Float32Array.of(-1, 0, 0.25, 0.5, 1, 3);
  assertEquals(startCentroids(sorted, 5, { kind: "linear" }), [-1, 0, 1, 2, 3]);
  assertEquals(startCentroids(sorted, 1, { kind: "linear" }), [1]);
  assertEquals(startCentroids(sorted, 3, { kind: "density" }), [0, 0.5, 3]);
  const all = { kind: "random", seed: 4 } as const;
  assertEquals(startCentroids(sorted, 6, all), [...sorted]);
  assertEquals(startCentroids(sorted, 99, all), [...sorted]);
});

Deno.test("a random start is its seed's", () => {
  const from = (seed: number) =>
    startCentroids(VALUES.toSorted(), 5, { kind: "random", seed });
  assertEquals(from(1), from(1));
  assert(from(1).join() !== from(2).join());
  for (const centroid of from(3)) assert(VALUES.includes(centroid));
});

Deno.test("in the end each value is with the nearest mean, whatever the start", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -40, max: 40 }), {
        minLength: 1,
        maxLength: 60,
      }),
      fc.integer({ min: 1, max: 12 }),
      fc.constantFrom(...STARTS),
      (numbers, count, start) => {
        const values = Float32Array.from(numbers, (number) => number / 8);
        const { centroids, indices } = cluster(values, count, start);
        assert(centroids.length <= count);
        assertEquals([...centroids], [...centroids].sort((a, b) => a - b));
        centroids.forEach((centroid, j) => {
          const own = values.filter((_, i) => indices[i] === j);
          const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
          assert(Math.abs(centroid - mean) < 1e-5, `${centroid} for ${own}`);
        });
        values.forEach((value, i) => {
          const distance = (centroid: number) => Math.abs(value - centroid);
          const least = Math.min(...Array.from(centroids, distance));
          assert(distance(centroids[indices[i]]) <= least + 1e-5);
        });
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("as many centroids as values lose nothing", () => {
  const values = Float32Array.of(0.5, -2, 0.25, 0.5, 7);
  const { centroids, indices } = cluster(values, 5, { kind: "density" });
  assertEquals(Float32Array.from(indices, (j) => centroids[j]), values);
});

Deno.test("what can't be clustered is refused", () => {
  for (
    const [values, starts] of [
      [new Float32Array(), [1]],
      [VALUES, []],
      [VALUES, new Array(257).fill(0)],
    ] as const
  ) {
    assertThrows(
      () => clusterValues(values, starts),
      RangeError,
      "1 to 256 centroids",
    );
  }
  assertThrows(
    () => clusterValues(Float32Array.of(1, NaN), [1]),
    RangeError,
    "they must be finite: current value is NaN",
  );
});
