// The look of every plot: three palettes as variables, then what each class draws.
#include "data/plot/svg.h"

namespace rationale {

std::string plot_css() {
  return R"css(:root{color-scheme:light dark;--paper:#fffefb;--ink:#1b1f23;--soft:#59626b;--rule:#d9d6cd;--hidden:#5a6570;--visible:#0b5fa5;--warn:#a8430a;--wash:#f4f1e8;--diseased:#1b1f23;--normal:#b9b4a6}
@media screen and (prefers-color-scheme:dark){:root{--paper:#14171a;--ink:#e8e6e0;--soft:#a3abb3;--rule:#343a40;--hidden:#aab4be;--visible:#74b9f2;--warn:#f29a5e;--wash:#1d2226;--diseased:#e8e6e0;--normal:#5d646b}}
@media print{:root{color-scheme:light;--paper:#fff}}
svg{display:block;max-width:100%;height:auto;overflow:visible}
svg text{font:12px Inter,"Source Sans 3","Segoe UI","Helvetica Neue",system-ui,sans-serif;fill:var(--ink);font-variant-numeric:tabular-nums}
svg .s{font-size:11px;fill:var(--soft)}
svg .b{font-weight:650}
svg .tv{fill:var(--visible);font-weight:650}
svg .th{fill:var(--hidden)}
svg .tw{fill:var(--warn);font-weight:650}
svg .ne{font-size:11px;font-style:italic;fill:var(--soft)}
.ax{stroke:var(--soft);stroke-width:1}
.gr{stroke:var(--rule);stroke-width:1}
.fr{fill:none;stroke:var(--rule);stroke-width:1}
.fb{fill:var(--wash);stroke:var(--soft);stroke-width:1}
.fl{fill:none;stroke:var(--warn);stroke-width:1.2;stroke-dasharray:4 2}
.zero{stroke:var(--ink);stroke-width:1}
.marg{stroke:var(--warn);stroke-width:1.5;stroke-dasharray:4 2}
.lh{fill:none;stroke:var(--hidden);stroke-width:1.6;stroke-dasharray:4 2.5}
.lv{fill:none;stroke:var(--visible);stroke-width:2}
.link{stroke:var(--soft);stroke-width:1.2}
.linkb{stroke:var(--ink);stroke-width:2.6}
.linkw{stroke:var(--warn);stroke-width:2}
.lead{stroke:var(--rule);stroke-width:1}
.ph{fill:var(--paper);stroke:var(--hidden);stroke-width:1.8}
.pv{fill:var(--visible);stroke:var(--paper);stroke-width:1}
.pk{fill:var(--ink)}
.ps{fill:var(--soft)}
.ci1{stroke:var(--ink);stroke-width:3.4}
.ci2{stroke:var(--soft);stroke-width:1.3}
.head{fill:none;stroke:var(--soft);stroke-width:1.3}
.bd{fill:var(--diseased)}
.bn{fill:var(--normal)}
)css";
}

}  // namespace rationale
