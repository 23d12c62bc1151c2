import { assertEquals, assertThrows } from "@std/assert";
import {
  assertDeviceHealthy,
  clearDeviceFailure,
  reportDeviceFailure,
} from "../../../core/device/health.ts";

Deno.test("assertDeviceHealthy throws the first failure reported, until it is cleared", () => {
  clearDeviceFailure();
  assertEquals(assertDeviceHealthy(), undefined);
  reportDeviceFailure(new Error("first"));
  reportDeviceFailure(new Error("second"));
  assertThrows(assertDeviceHealthy, Error, "first");
  assertThrows(assertDeviceHealthy, Error, "first");
  clearDeviceFailure();
  assertEquals(assertDeviceHealthy(), undefined);
});
