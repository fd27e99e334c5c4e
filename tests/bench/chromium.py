"""A headless Chromium, driven through its debugging pipe: no package needed, and what it does on the network can be heard."""
import base64
import itertools
import json
import os
import shutil
import subprocess
import tempfile
import time

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def program():
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Chromium:
    """One browser with one page. `events` holds what the page's domains said: requests, exceptions, console messages."""

    def __init__(self, seconds=120):
        self.deadline = time.monotonic() + seconds
        self.profile = tempfile.mkdtemp(prefix="bagloom_chromium_")
        here, theirs = os.pipe(), os.pipe()  # we read here[0], the browser reads theirs[0]
        self.errors = open(os.path.join(self.profile, "stderr"), "w+b")
        # The browser takes commands from descriptor 3 and answers on 4, whatever numbers the pipes have here.
        start = f'exec 3<&{theirs[0]} 4>&{here[1]}; exec "$@"'
        self.process = subprocess.Popen(
            ["bash", "-c", start, "bash", program(), "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
             "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions", "--mute-audio",
             "--force-color-profile=srgb", f"--user-data-dir={self.profile}", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=self.errors, stderr=self.errors, pass_fds=(theirs[0], here[1]))
        os.close(theirs[0])
        os.close(here[1])
        self.reading, self.writing = here[0], theirs[1]
        os.set_blocking(self.reading, False)
        self.rest, self.events, self.numbers, self.session = b"", [], itertools.count(1), None
        target = next(t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log", "Security"):
            self.call(domain + ".enable")

    def _message(self):
        while b"\0" not in self.rest:
            if time.monotonic() > self.deadline or self.process.poll() is not None:
                self.errors.seek(0)
                raise RuntimeError("the browser does not answer: " + self.errors.read()[-2000:].decode("utf-8", "replace"))
            try:
                part = os.read(self.reading, 1 << 20)
            except BlockingIOError:
                time.sleep(0.005)
                continue
            self.rest += part
        text, self.rest = self.rest.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, **parameters):
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": parameters} | ({"sessionId": self.session} if self.session else {})
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.writing, data):]
        while True:
            answer = self._message()
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            if "method" in answer:
                self.events.append(answer)

    def wait_for(self, event):
        while not any(e["method"] == event for e in self.events):
            answer = self._message()
            if "method" in answer:
                self.events.append(answer)

    def open(self, path, width=1200, height=900, dark=False, touch=False):
        """Shows a file; returns when it is loaded and drawn. Events of earlier pages are forgotten."""
        self.events.clear()
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=touch)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.call("Page.navigate", url="file://" + os.path.abspath(path))
        self.wait_for("Page.loadEventFired")
        self.settle()

    def settle(self):
        """Two frames: what was asked of the page is on the screen."""
        self.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")

    def run(self, expression):
        """Evaluates JavaScript in the page and returns its value."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(json.dumps(result["exceptionDetails"])[:2000])
        return result["result"].get("value")

    def picture(self, path, whole=True):
        """A PNG of the page, or of what the window shows."""
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole,
                         **({"clip": self.run("({x: 0, y: 0, width: innerWidth, height: document.documentElement.scrollHeight, scale: 1})")} if whole else {}))["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def paper(self, path):
        """The page as a PDF."""
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.call("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"]))
        self.settle()

    def requests(self):
        return [e["params"]["request"]["url"] for e in self.events if e["method"] == "Network.requestWillBeSent"]

    def complaints(self):
        """Exceptions, errors on the console, and what the page's policy blocked."""
        found = [e["params"]["exceptionDetails"]["text"] + str(e["params"]["exceptionDetails"].get("exception", {}).get("description")) for e in self.events
                 if e["method"] == "Runtime.exceptionThrown"]
        found += [str(e["params"]["args"]) for e in self.events if e["method"] == "Runtime.consoleAPICalled" and e["params"]["type"] in ("error", "warning")]
        return found + [e["params"]["entry"]["text"] for e in self.events if e["method"] == "Log.entryAdded"]

    def close(self):
        try:
            self.session = None
            self.call("Browser.close")
            self.process.wait(10)
        except (RuntimeError, OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        os.close(self.reading)
        os.close(self.writing)
        self.errors.close()
        shutil.rmtree(self.profile, ignore_errors=True)
