/** First byte of every `.dram` file. */
export const MAGIC = 0xd7;
