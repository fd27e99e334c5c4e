#!/usr/bin/env python3
"""The report's page in a real headless Chromium: are the curves there, in both colour schemes and at several widths; does it ask the network
for anything; does hostile text stay text. Pictures are left in BAGLOOM_BUILD/report_page for people to look at. Skipped (77) without Chromium."""
import base64
import json
import os
import subprocess
import sys
import unittest
from pathlib import Path

import bench_json
import chromium
import png

PROGRAM = os.environ.get("REPORT_PAGE", "")
PICTURES = Path(os.environ.get("BAGLOOM_BUILD", "/tmp")) / "report_page"
browser = None


def page(name, bench):
    """Writes the page of a comparison; gives its path."""
    path = PICTURES / f"{name}.html"
    path.write_bytes(subprocess.run([PROGRAM], input=json.dumps(bench).encode(), stdout=subprocess.PIPE, check=True).stdout)
    return path


def shown(canvas):
    """A screenshot of one canvas."""
    box = browser.run(f"(() => {{ const b = document.getElementById('{canvas}').getBoundingClientRect(); return [b.x + scrollX, b.y + scrollY, b.width, b.height]; }})()")
    data = browser.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=dict(zip(("x", "y", "width", "height"), box), scale=1))["data"]
    return base64.b64decode(data)


def colours():
    """{method's name: its colour now}."""
    return dict(browser.run("data.methods.map((name, i) => [name, lookOf(i).colour])"))


class ReportPage(unittest.TestCase):
    def check_quiet(self):
        self.assertEqual([url for url in browser.requests() if not url.startswith("file://")], [], "the page asked for something")
        self.assertEqual(len(browser.requests()), 1, browser.requests())
        self.assertEqual(browser.complaints(), [])

    def check_drawn(self, canvas, least):
        """Of each method's colour more pixels than `least` says for it, or for all ("")."""
        wanted = colours()
        for name, count in zip(wanted, png.count_near(shown(canvas), wanted.values())):
            self.assertGreater(count, least.get(name, least[""]), f"{canvas}: {name} is not to be seen")

    def test_curves_are_there_at_every_width_in_both_schemes(self):
        path = page("both", bench_json.bench("both"))
        papers = set()
        for width in (400, 800, 1600):
            for dark in (False, True):
                with self.subTest(width=width, dark=dark):
                    browser.open(path, width=width, dark=dark)
                    browser.picture(PICTURES / f"both_{width}_{'dark' if dark else 'light'}.png")
                    self.check_quiet()
                    self.assertEqual(browser.run("document.documentElement.scrollWidth"), width, "the page scrolls sideways")
                    self.check_drawn("curves", {"": width // 4, "Timestamp Scan Only": 20})
                    self.check_drawn("peaks", {"": 60, "Timestamp Scan Only": -1, "bagloom": -1})
                    for strip in ("strip-process", "strip-shared"):
                        self.check_drawn(strip, {"": 40, "Timestamp Scan Only": 10})
                    papers.add(browser.run("colour('paper')"))
                    labels = browser.run("Array.from(document.querySelectorAll('canvas[role=img]'), c => c.getAttribute('aria-label') || '')")
                    self.assertTrue(all("peak" in label for label in labels), labels)
        self.assertEqual(len(papers), 2, "light and dark look the same")

    def test_each_peak_has_its_mark_where_the_kernel_saw_it(self):
        bench = bench_json.bench("plain")
        run = next(r for r in bench["methods"] if r["name"] == "planned")
        # A spike between two samples: only the kernel's mark knows it. And twenty thousand samples with one high one among them.
        run["peak_bytes"] += 400_000_000
        long_run = next(r for r in bench["methods"] if r["name"] == "chunked:50")
        long_run["timeline"] = [[i * 0.0015, 90_000_000, 60_000_000, 30_000_000] for i in range(20_000)]
        long_run["timeline"][12_345][1] = long_run["peak_bytes"] = 3_210_000_000
        browser.open(page("spikes", bench))
        self.check_quiet()
        marks = dict(browser.run("charts[0].data.datasets.filter(d => d.mark).map(d => [d.mark.name, [d.data[0].x, d.mark.bytes, Math.round(d.data[0].y * MB)]])"))
        self.assertEqual(marks["bagloom"][1], run["peak_bytes"])
        self.assertEqual(marks["Chunked (50)"], [12_345 * 0.0015, 3_210_000_000, 3_210_000_000])
        self.assertIn(3_210_000_000, browser.run("charts[0].data.datasets.filter(d => d.run && d.label === 'Chunked (50)').flatMap(d => d.data.map(p => Math.round(p.y * MB)))"))
        inside = browser.run("charts[0].getSortedVisibleDatasetMetas().filter(m => charts[0].data.datasets[m.index].mark)"
                             ".every(m => m.data[0].y >= charts[0].chartArea.top - 1 && m.data[0].y <= charts[0].chartArea.bottom + 1)")
        self.assertTrue(inside, "a mark stands outside the axes")

    def test_controls(self):
        browser.open(page("controls", bench_json.bench("both")))
        self.assertEqual(browser.run("charts[0].options.scales.y.type"), "logarithmic")  # 74 MB beside 11.9 GB
        before = shown("curves")
        browser.run("document.querySelector('input[value=linear]').click()")
        browser.settle()
        self.assertEqual(browser.run("charts[0].options.scales.y.type"), "linear")
        self.assertNotEqual(shown("curves"), before)
        browser.run("document.querySelector('input[value=share]').click()")
        ends = browser.run("charts[0].data.datasets.filter(d => d.run).map(d => d.data[d.data.length - 1].x)")
        self.assertTrue(all(98 < end <= 100 for end in ends), ends)
        browser.run("document.querySelector('input[value=anonymous]').click()")
        anonymous = browser.run("Math.max(...charts[0].data.datasets.find(d => d.label === 'Original (Full Load)').data.map(p => p.y)) * GB")
        self.assertEqual(anonymous, 11_909 * bench_json.MB)
        # A name hides its method's curves, and shows them again.
        original = colours()["Original (Full Load)"]
        self.assertGreater(png.count_near(shown("curves"), [original])[0], 200)
        button = "Array.from(document.querySelectorAll('.names button')).find(b => b.textContent.includes('Original'))"
        browser.run(button + ".click()")
        browser.settle()
        self.assertEqual(png.count_near(shown("curves"), [original])[0], 0)
        self.assertEqual(browser.run(button + ".getAttribute('aria-pressed')"), "false")
        browser.run(button + ".click()")
        self.assertEqual(browser.run(button + ".getAttribute('aria-pressed')"), "true")
        self.check_quiet()

    def test_tooltip_tells_all_methods_at_that_time(self):
        browser.open(page("tooltip", bench_json.bench("both")))
        browser.run("document.getElementById('curves').scrollIntoView({block: 'center'})")
        x, y = browser.run("(() => { const b = document.getElementById('curves').getBoundingClientRect(); const c = charts[0];"
                           "return [b.x + c.scales.x.getPixelForValue(10), b.y + (c.chartArea.top + c.chartArea.bottom) / 2]; })()")
        for step in range(2):
            browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=x + step, y=y)
        browser.settle()
        lines = browser.run("charts[0].tooltip.body.flatMap(b => b.lines)")
        names = [line.split(":")[0].strip() for line in lines]
        self.assertEqual(sorted(names), ["Chunked (100)", "Chunked (50)", "Original (Full Load)", "bagloom"])  # the scan is over
        self.assertEqual((names[0], names[-1]), ("Original (Full Load)", "bagloom"))  # the largest first
        self.assertRegex(browser.run("charts[0].tooltip.title[0]"), r"^\d+\.\d\d s$")
        browser.picture(PICTURES / "tooltip.png", whole=False)

    def test_hostile_text_stays_text(self):
        browser.open(page("hostile", bench_json.bench("hostile")))
        browser.picture(PICTURES / "hostile.png")
        self.check_quiet()
        self.assertEqual(browser.run("typeof window.hacked"), "undefined")
        self.assertEqual(browser.run("document.scripts.length"), 3)
        self.assertEqual(browser.run("document.images.length"), 0)
        self.assertGreater(browser.run("document.body.textContent.split('window.hacked=1').length"), 6)
        self.assertEqual(browser.run("document.documentElement.scrollWidth"), 1200)
        self.check_drawn("curves", {"": 300, "Timestamp Scan Only": 20})

    def test_the_policy_lets_nothing_out(self):
        browser.open(page("policy", bench_json.bench("plain")))
        blocked = browser.run("""new Promise(done => {
          addEventListener('securitypolicyviolation', event => done(event.violatedDirective));
          fetch('http://127.0.0.1:9/').catch(() => 0);
          setTimeout(() => done('nothing was blocked'), 5000);
        })""")
        self.assertEqual(blocked, "connect-src")

    def test_on_paper(self):
        browser.open(page("paper", bench_json.bench("both")), dark=True)
        browser.paper(PICTURES / "paper.pdf")
        self.assertTrue((PICTURES / "paper.pdf").read_bytes().startswith(b"%PDF"))
        self.check_quiet()
        self.assertEqual(browser.run("document.documentElement.dataset.scheme || ''"), "", "the page stays as it was printed")
        self.check_drawn("curves", {"": 300, "Timestamp Scan Only": 20})

    def test_odd_comparisons(self):
        """Nothing to draw, one method, many methods, repeats: no exception, no empty promise."""
        empty = bench_json.bench("plain")
        for run in empty["methods"]:
            for key in [k for k in run if k not in ("name", "display_name", "isolation", "status", "error")]:
                del run[key]
        one = bench_json.bench("plain")
        one["methods"] = one["methods"][-3:-2]
        shared = bench_json.bench("both")
        shared["methods"] = [r for r in shared["methods"] if r["isolation"] == "shared"]
        for name, bench in (("empty", empty), ("one", one), ("shared", shared), ("many", bench_json.bench("many")), ("repeats", bench_json.bench("repeats"))):
            with self.subTest(name):
                browser.open(page(name, bench))
                browser.picture(PICTURES / f"{name}.png")
                self.check_quiet()
                self.assertEqual(browser.run("document.documentElement.scrollWidth"), 1200)


if __name__ == "__main__":
    if not chromium.program():
        print("skipped: no chromium here")
        sys.exit(77)
    PICTURES.mkdir(parents=True, exist_ok=True)
    if subprocess.run([PROGRAM], input=json.dumps(bench_json.bench("plain")).encode(), stdout=subprocess.DEVNULL).returncode == 3:
        print("skipped: this build has no Chart.js")
        sys.exit(77)
    browser = chromium.Chromium(850)
    try:
        outcome = unittest.main(exit=False).result
    finally:
        browser.close()
    sys.exit(not outcome.wasSuccessful())
