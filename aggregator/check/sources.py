"""Sources that get no file from their folder, and why; fields to split by that no file has. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from ..config import Config
from ..sources import Globs
from .alone import Alone, Near, Reach
from .finding import Finding, files, finding, listed, nearest, written
from .seen import Folder, Glance, Seen

NAMED = 3  # sources that a message names

_STILL_TO_COME = "if its files are still to come, leave it: they are taken as soon as they are there"


def source_findings(config: Config, seen: Seen) -> Iterator[Finding]:
    """What is to be said of the sources whose folder was listed, in the order of the config."""
    busy = {id(glance.owner.config) for glance in seen.glances.values() if glance.owner}
    reach = Reach(seen)
    for index, source in enumerate(config.sources):
        folder = seen.folders.get(source.folder)
        if source.enabled and folder is not None:
            watched = _Watched(config, index, folder, reach.of(source, folder))
            found = watched.split() if id(source) in busy else watched.idle()
            yield from [found] if found else []


class _Watched:
    """A source and its folder: `near` are the files there that its patterns take."""

    def __init__(self, config: Config, index: int, folder: Folder, near: Near) -> None:
        self.config = config
        self.index = index
        self.source = config.sources[index]
        self.folder = folder
        self.path = written(config, "sources", index, "path") or self.source.path
        self.near = near
        self.readable = near.readable
        self.alone = Alone(config, self.source)
        self.so_far = " that was looked at" if folder.left_out else ""

    def say(self, message: str, *option: str | int, serious: bool = True) -> Finding:
        """A finding about an option. Where only a part of the files was read, nothing is sure."""
        serious = serious and not self.folder.left_out
        return finding(self.config, ("sources", self.index, *option), message, serious=serious)

    def split(self) -> Finding | None:
        """A field to split by that no file has, not even one that another source takes."""
        field = self.source.split_by
        if not field or any(glance.fields.get(field) for glance in self.readable):
            return None
        message = f"is a field of no file of {self.path}{self.so_far}"
        return self.say(f"{message}; {_other_field(field, self.near.names())}", "split_by")

    def idle(self) -> Finding:
        """Why the source gets no file."""
        if not self.folder.paths:
            return self.say("is an empty folder; the first files in it will be taken", "path", serious=False)
        if not self.near.number:
            return self._out_of_reach()
        if not self.readable:
            why = "what is wrong is listed below" if self.near.glances else "check again in a moment"
            return self.say(f"holds {files(self.near.number)}, but none was read; {why}", "path", serious=False)
        fitting = [glance for glance in self.readable if self.alone.fits(glance, self.source.match)]
        return self._taken(fitting) if fitting else self._unmatched()

    def _out_of_reach(self) -> Finding:
        paths = self.folder.paths
        included = Globs(self.source.include)
        if number := sum(map(included.fits, paths)):
            them = "the one file" if number == 1 else f"all {number:,} files"
            return self._about("exclude", f'leaves out {them} of {self.path} that "include" takes; leave out less')
        held = f"{self.path}, which holds {_endings(paths)}"
        if "include" in self.source.model_fields_set:
            return self._about("include", f"fits no file of {held}; write patterns as in .gitignore, such as *.md")
        message = f'holds no article yet, but {_endings(paths)}; "include" can name other files than the usual ones'
        return self.say(message, "path", serious=False)

    def _about(self, option: str, message: str) -> Finding:
        """A problem of an option that the source has of its own, or from `defaults`."""
        if self.config.mark("sources", self.index, option):
            return self.say(message, option)
        return self.say(f'gets no file: the "{option}" of "defaults" {message}', "title")

    def _unmatched(self) -> Finding:
        """Why no file has what `match` wants: the first field that fails, else that they never come together."""
        for name in self.source.match:
            if not any(self.alone.fits(glance, (name,)) for glance in self.readable):
                return self._no_such_value(name)
        message = f"is true of no file as a whole: {self._each()} of {files(len(self.readable))} of {self.path}"
        return self.say(f"{message}, but never in the same; take one out; {_STILL_TO_COME}", "match")

    def _each(self) -> str:
        numbers = {
            name: sum(self.alone.fits(glance, (name,)) for glance in self.readable) for name in self.source.match
        }
        return ", ".join(f"{name} fits {number:,}" for name, number in numbers.items())

    def _no_such_value(self, name: str) -> Finding:
        values = self.near.values(name)
        if not values:
            message = f'fits no file: none of {self.path}{self.so_far} has a field "{name}"'
            remedy = _other_field(name, self.near.names())
            still = "" if remedy.endswith("?") else f"; {_STILL_TO_COME}"
            return self.say(f"{message}; {remedy}{still}", "match", name)
        wanted = self.source.match[name]
        message = f'is the "{name}" of no file of {self.path}{self.so_far}'
        if len(wanted) > 1:
            message = f'none of these is the "{name}" of a file of {self.path}{self.so_far}'
        for text in wanted:
            if near := nearest(text, values):
                return self.say(f'{message}; did you mean "{near}" ({files(values[near])})?', "match", name)
        return self.say(f"{message}; there is {listed(values)}; write one of these; {_STILL_TO_COME}", "match", name)

    def _taken(self, fitting: Sequence[Glance]) -> Finding:
        """Sources before this one have all that it would take."""
        counts = Counter(id(glance.owner.config) for glance in fitting if glance.owner)
        takers = {index: counts[id(one)] for index, one in enumerate(self.config.sources) if id(one) in counts}
        named = [self._named(index, number) for index, number in takers.items()]
        more = [f"{len(named) - NAMED} more take the rest"] if len(named) > NAMED else []
        message = (
            "gets no file: each belongs to the first source that it fits, and before this one "
            f"{', '.join(named[:NAMED] + more)}"
        )
        # It takes all that narrower sources leave, and they leave nothing just now.
        if not self.source.match and all(self.config.sources[index].match for index in takers):
            return self.say(f"{message}; that is right if it is meant for what is left over", "title", serious=False)
        return self.say(f"{message}; put the narrower source first, or remove one of them", "title")

    def _named(self, index: int, number: int) -> str:
        mark = self.config.mark("sources", index, "title")
        title = (mark.written if mark else None) or self.config.sources[index].title
        return f'"{title}" (line {mark.line if mark else "?"}) takes {files(number)}'


def _other_field(name: str, names: Mapping[str, int]) -> str:
    """What could be meant by a field that no file has."""
    if near := nearest(name, names):
        return f'did you mean "{near}" ({files(names[near])})?'
    return f"there is {listed(names)}; write one of these" if names else "they have no fields at all"


def _endings(paths: Sequence[str]) -> str:
    counts = Counter(PurePosixPath(path).suffix or "without ending" for path in paths)
    return ", ".join([f"{number:,} {ending}" for ending, number in counts.most_common(3)] + ["…"] * (len(counts) > 3))
