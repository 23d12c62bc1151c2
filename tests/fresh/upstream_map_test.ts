import { assertEquals } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import upstream from "../../fresh.jsr.json" with { type: "json" };

Deno.test("the map for Fresh itself differs from deno.json's in nothing but Fresh", () => {
  const { imports } = upstream;
  const core = "jsr:@fresh/core@2.3.3";
  assertEquals(imports, {
    ...config.imports,
    "fresh": core,
    "fresh/runtime": `${core}/runtime`,
    "fresh/dev": `${core}/dev`,
    "fresh/internal": `${core}/internal`, // what its build imports
  });
});
