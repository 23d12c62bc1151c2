/** Version of Retort, recorded with everything that it makes. */
export const VERSION = "0.1.0";
