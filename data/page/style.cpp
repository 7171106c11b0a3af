#include "data/page/style.h"

namespace rationale {

std::string page_css() {
  return R"css(*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:14.5px/1.45 Inter,"Source Sans 3","Segoe UI","Helvetica Neue",system-ui,sans-serif;font-variant-numeric:tabular-nums lining-nums;-webkit-text-size-adjust:100%}
main{width:1104px;max-width:calc(100% - 48px);margin:34px auto 48px;overflow-wrap:break-word}
.banner{margin:0 0 16px;padding:7px 12px;border:2px solid var(--warn);color:var(--ink);font-size:13px}
.banner b{color:var(--warn);letter-spacing:.04em}
.over{font-size:12px;color:var(--soft);letter-spacing:.02em;display:flex;flex-wrap:wrap;justify-content:space-between;gap:2px 24px;border-bottom:1px solid var(--ink);padding-bottom:7px}
.over b{color:var(--ink)}
h1{font-size:27px;line-height:1.2;font-weight:600;margin:18px 0 4px;letter-spacing:-.012em;text-wrap:balance}
h2{font-size:15.5px;font-weight:650;margin:0 0 3px}
.sub{color:var(--soft);margin:0 0 20px}
.sub b{color:var(--ink)}
.id{font-size:11.5px;color:var(--soft);line-height:1.5;overflow-wrap:anywhere}
.mono{font-family:"DejaVu Sans Mono",ui-monospace,Menlo,Consolas,monospace;font-size:.88em}
.head{display:grid;grid-template-columns:1.42fr 1fr;gap:0 40px;border-top:2.5px solid var(--ink);padding-top:14px;margin-bottom:26px}
.head p{margin:0}
.head .mid+.mid{margin-top:8px}
.big{font-size:20.5px;line-height:1.38;letter-spacing:-.006em}
.mid{font-size:15px;line-height:1.45}
.head .lab{font-size:12px;font-weight:650;color:var(--soft);margin:0 0 4px}
.note,.head .note{font-size:12.5px;color:var(--soft);line-height:1.45;margin:6px 0 0}
.text{font-size:13.5px;margin:6px 0 0}
.note b,.big b,.mid b,.text b{font-weight:650;color:var(--ink)}
section{margin:0 0 30px}
.row{display:grid;gap:0 40px;margin:0 0 30px}
.c2{grid-template-columns:372px 1fr;gap:0 20px}
.many{gap:0 60px}
.cols{columns:2;column-gap:32px;margin-top:1px}
.c3{grid-template-columns:748px 1fr}
.c2b{grid-template-columns:1fr 1fr}
.c3e{grid-template-columns:repeat(3,1fr);gap:18px 24px}
.c3e.four{grid-template-columns:1fr 1fr;gap:18px 40px}
.multi{display:flex;flex-wrap:wrap;gap:10px 6px}
.multi svg{flex:0 0 auto;width:228px}
.many+section .multi{gap:14px 46px}
.multi .note{flex-basis:100%}
.side{padding-top:34px}
.part{border-top:2.5px solid var(--ink);padding-top:12px;margin-bottom:16px}
.examples{display:grid;grid-template-columns:repeat(4,1fr);gap:14px 20px}
.examples img{display:block;max-width:100%;height:auto;background:#000}
table{border-collapse:collapse;width:100%;font-size:13.5px}
caption{text-align:left;font-weight:650;font-size:15.5px;padding:0 0 4px}
.text+table{margin-top:14px}
table+table,table+h2,.note+h2,.note+table{margin-top:22px}
th{font-weight:400;color:var(--soft);text-align:left;font-size:12.5px;border-bottom:1px solid var(--ink);padding:3px 14px 4px 0;vertical-align:bottom}
td,tbody th{padding:5px 14px 5px 0;border-bottom:1px solid var(--rule);vertical-align:middle}
tbody th{color:var(--ink);font-size:13.5px}
caption+tbody tr:first-child>*{border-top:1px solid var(--ink)}
td.n,th.n{text-align:right}
td.n,thead th.n{white-space:nowrap}
td.ne.n,.counts thead th.n{white-space:normal}
tr.lead td,tr.lead th{font-weight:650;color:var(--ink)}
tr.lead .ne{font-weight:400;color:var(--soft)}
tr:last-child td,tr:last-child th{border-bottom-color:var(--ink)}
td:last-child,th:last-child{padding-right:0}
td.mi{padding:0 14px 0 0;width:230px}
.ne{font-style:italic;color:var(--soft)}
.flag{color:var(--warn);font-weight:650}
figure{margin:0;break-inside:avoid}
figcaption{margin:0 0 8px}
figcaption .note{margin-top:1px}
@page{size:A4;margin:13mm 13mm 14mm}
@media screen{.po{display:none}}
@media screen and (max-width:1150px){.c2,.c3,.c2b,.c3e,.c3e.four{grid-template-columns:1fr;gap:26px 0}.side{padding-top:0}}
@media screen and (max-width:760px){.head{grid-template-columns:1fr;gap:16px 0}main{max-width:calc(100% - 28px)}.examples{grid-template-columns:1fr}table{display:block;overflow-x:auto}.cols{columns:1}}
@media print{
body{font-size:9.6pt}main{width:auto;max-width:none;margin:0}
.banner{font-size:8pt;padding:2pt 6pt;margin-bottom:6pt;border-width:1.5px}
h1{font-size:16.5pt;margin-top:7pt}h2,caption{font-size:11pt}
.sub{margin-bottom:10pt}.big{font-size:12pt}.mid,.text{font-size:9.6pt}.note,.head .note{font-size:8.2pt}.id{font-size:7.6pt}.over{font-size:7.8pt}.head .lab{font-size:8.2pt}
table+table,table+h2,.note+h2,.note+table{margin-top:13pt}
table,tbody th{font-size:8.7pt}th{font-size:8pt}td,tbody th{padding:2.2pt 8pt 2.2pt 0}td.mi{width:110px;padding-right:8pt}
.head{gap:0 20pt;margin-bottom:13pt}.row{gap:0 22pt;margin-bottom:14pt}section{margin-bottom:14pt}
.c2,.c2b,.c3{display:block}.c2>*+*{margin-top:12pt}
.c2>figure:first-child{display:grid;grid-template-columns:1fr 350px;gap:0 16pt}.c2>figure:first-child svg{width:344px}
.c3e{grid-template-columns:1fr 1fr;gap:10pt 16pt}.c2b>*+*{padding-top:10pt}.side{padding-top:2pt}
.multi svg{width:32%}.many+section .multi{gap:8pt 1.5%}
.examples{grid-template-columns:repeat(3,1fr)}
section,figure,table,thead,tr,.head{break-inside:avoid}.counts,.counts table{break-inside:auto}
.counts tbody tr:nth-child(-n+2){break-after:avoid}
.many+section,section:has(.multi),figure:has(.multi){break-inside:auto}
h2,caption,figcaption{break-after:avoid}.c2>figure:first-child figcaption{break-after:auto}thead{display:table-header-group}
}
)css";
}

}  // namespace rationale
