"""Writes the container image as an OCI archive, without a container engine: oci.py DOCKERFILE VERSION OUTPUT ARCHITECTURE=BINARY…

What the image is stands in the Dockerfile, which is read here: a binary, a user, an entry point. The archive is an image
layout (OCI image specification 1.1) with an index over the architectures, and the same to the last bit for the same binaries:
SOURCE_DATE_EPOCH is the time of everything in it."""

import datetime
import gzip
import hashlib
import io
import json
import os
import sys
import tarfile

MEDIA = "application/vnd.oci.image."
EPOCH = int(os.environ["SOURCE_DATE_EPOCH"])


def digest(blob):
    return "sha256:" + hashlib.sha256(blob).hexdigest()


def tar(files):
    """A tar of (name, bytes, mode), owned by root."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, blob, mode in files:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.mtime = len(blob), mode, EPOCH
            archive.addfile(entry, io.BytesIO(blob))
    return out.getvalue()


def instructions(dockerfile):
    """What the Dockerfile says, by keyword. It must be of the one shape that this file knows how to build."""
    with open(dockerfile, encoding="utf-8") as file:
        lines = [line.strip().split(" ", 1) for line in file if line.strip() and not line.startswith("#")]
    if [keyword for keyword, _ in lines] != ["FROM", "COPY", "USER", "ENTRYPOINT"] or lines[0][1] != "scratch":
        sys.exit(f"error: {dockerfile} says more than FROM scratch, COPY, USER and ENTRYPOINT")
    return dict(lines)


class Layout:
    """The blobs of an image layout, and what points to them."""

    def __init__(self):
        self.blobs = {}

    def add(self, media, blob, **more):
        self.blobs[digest(blob)] = blob
        return {"mediaType": MEDIA + media, "digest": digest(blob), "size": len(blob), **more}

    def add_json(self, media, value, **more):
        return self.add(media, json.dumps(value, separators=(",", ":"), sort_keys=True).encode(), **more)

    def image(self, said, architecture, binary):
        """One architecture's image; the descriptor of its manifest."""
        target = said["COPY"].split()[1]
        with open(binary, "rb") as file:
            layer = tar([(target.lstrip("/"), file.read(), 0o755)])
        created = datetime.datetime.fromtimestamp(EPOCH, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        config = {
            "created": created, "architecture": architecture, "os": "linux",
            "config": {"User": said["USER"], "Entrypoint": json.loads(said["ENTRYPOINT"])},
            "rootfs": {"type": "layers", "diff_ids": [digest(layer)]},
            "history": [{"created": created, "created_by": f"COPY {said['COPY']}"}],
        }
        manifest = {
            "schemaVersion": 2, "mediaType": MEDIA + "manifest.v1+json",
            "config": self.add_json("config.v1+json", config),
            "layers": [self.add("layer.v1.tar+gzip", gzip.compress(layer, 9, mtime=0))],
        }
        return self.add_json("manifest.v1+json", manifest, platform={"architecture": architecture, "os": "linux"})

    def archive(self, version, manifests):
        index = {"schemaVersion": 2, "mediaType": MEDIA + "index.v1+json", "manifests": manifests}
        named = self.add_json("index.v1+json", index, annotations={"org.opencontainers.image.ref.name": version})
        top = {"schemaVersion": 2, "mediaType": MEDIA + "index.v1+json", "manifests": [named]}
        files = [("index.json", json.dumps(top).encode(), 0o644), ("oci-layout", b'{"imageLayoutVersion":"1.0.0"}', 0o644)]
        files += [("blobs/" + name.replace(":", "/"), blob, 0o644) for name, blob in sorted(self.blobs.items())]
        return tar(files)


def main(dockerfile, version, output, *binaries):
    said, layout = instructions(dockerfile), Layout()
    manifests = [layout.image(said, *binary.split("=", 1)) for binary in binaries]
    with open(output, "wb") as file:
        file.write(layout.archive(version, manifests))


if __name__ == "__main__":
    main(*sys.argv[1:])
