/** @jsxRuntime automatic */
/** @jsxImportSource preact */
import { Head } from "fresh/runtime";
import { define } from "../define.ts";
import Counter from "../islands/Counter.tsx";
import { Double, Shout } from "../islands/Words.tsx";

export default define.page(function Home() {
  return (
    <main>
      <Head>
        <title>Home</title>
        <meta name="description" content="of home" />
        <link key="home" rel="stylesheet" href="/home.css" />
      </Head>
      <Counter start={3} label={`</script><b>`} />
      <Double word="la" />
      <Shout word="hey" />
    </main>
  );
});
