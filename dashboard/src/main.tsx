import { render } from "preact";
import { App } from "./app";
import { Guarded } from "./parts/guarded";
import { applyTheme } from "./theme";
import "./style.css";

applyTheme();
const root = document.getElementById("app");
if (root) {
  root.textContent = "";
  render(
    <Guarded where="">
      <App />
    </Guarded>,
    root,
  );
}
