"""Uploads artifacts over HTTP with the documents that wandb-core sends."""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from tests.wandb_client import WandbClient

CREATE = """
mutation CreateArtifact ($input: CreateArtifactInput!) {
  createArtifact(input: $input) { ... CreatedArtifact }
}
fragment CreatedArtifact on CreateArtifactPayload {
  artifact { id state artifactSequence { latestArtifact { id } } }
}
"""
MANIFEST = """
mutation CreateArtifactManifest ($artifactID: ID!, $baseArtifactID: ID, $name: String!,
    $digest: String!, $entityName: String!, $projectName: String!, $runName: String!,
    $manifestType: ArtifactManifestType!, $includeUpload: Boolean!) {
  createArtifactManifest(input: {artifactID: $artifactID, baseArtifactID: $baseArtifactID,
      name: $name, digest: $digest, entityName: $entityName, projectName: $projectName,
      runName: $runName, type: $manifestType}) {
    artifactManifest {
      id
      file {
        id
        uploadUrl @include(if: $includeUpload)
        uploadHeaders @include(if: $includeUpload)
      }
    }
  }
}
"""
UPDATE_MANIFEST = """
mutation UpdateArtifactManifest ($artifactManifestID: ID!, $digest: String, $baseArtifactID: ID,
    $includeUpload: Boolean!) {
  updateArtifactManifest(input: {artifactManifestID: $artifactManifestID, digest: $digest,
      baseArtifactID: $baseArtifactID}) {
    artifactManifest {
      id
      file {
        id
        uploadUrl @include(if: $includeUpload)
        uploadHeaders @include(if: $includeUpload)
      }
    }
  }
}
"""
FILES = """
mutation CreateArtifactFiles ($input: CreateArtifactFilesInput!) {
  createArtifactFiles(input: $input) {
    files { edges { node {
      storagePath uploadUrl uploadHeaders
      uploadMultipartUrls { uploadID uploadUrlParts { partNumber uploadUrl } }
      artifact { id }
    } } }
  }
}
"""
COMMIT = """
mutation CommitArtifact ($artifactID: ID!) {
  commitArtifact(input: {artifactID: $artifactID}) { artifact { id digest } }
}
"""
CLIENT_ID = (
    "query ClientIDMapping ($clientID: ID!) { clientIDMapping(clientID: $clientID) { serverID } }"
)
ENTRY_URLS = """
query ArtifactFileURLsByManifestEntries ($id: ID!, $entries: [ArtifactManifestEntryInput!],
    $storageLayout: String!, $manifestVersion: String!, $storageRegion: String) {
  artifact(id: $id) {
    filesByManifestEntries(storageLayout: $storageLayout, manifestVersion: $manifestVersion,
        entries: $entries, storageRegion: $storageRegion) {
      pageInfo { hasNextPage endCursor }
      edges { node { name directUrl } }
    }
  }
}
"""
DIGEST_ALGORITHM = """
query FetchArtifactDigestAlgorithm ($entityName: String!, $projectName: String!,
    $artifactTypeName: String!, $artifactCollectionName: String!) {
  project(name: $projectName, entityName: $entityName) {
    artifactType(name: $artifactTypeName) {
      artifactCollection(name: $artifactCollectionName) {
        __typename
        ... on ArtifactSequence { digestAlgorithm }
      }
    }
  }
}
"""


def md5(content: bytes) -> str:
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()


def artifact_digest(files: Mapping[str, bytes]) -> str:
    lines = [f"{path}:{md5(content)}\n" for path, content in sorted(files.items())]
    text = "wandb-artifact-manifest-v1\n" + "".join(lines)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


class ArtifactUploader:
    """One run's uploads to `team/vision`."""

    def __init__(self, client: WandbClient) -> None:
        self.client = client
        self.sent: list[str] = []
        """Names of the files that the server asked for."""

    async def ask(self, document: str, **variables: object) -> Any:
        """The data of a successful answer."""
        status, answer = await self.client.graphql(document, **variables)
        assert status == 200, answer
        return answer["data"]

    async def create(self, files: Mapping[str, bytes], **changes: object) -> Any:
        """`createArtifact.artifact` for a version of `data` with these files."""
        wanted = {
            "entityName": "team",
            "projectName": "vision",
            "artifactTypeName": "dataset",
            "artifactCollectionName": "data",
            "runName": "r1",
            "digest": artifact_digest(files),
            "digestAlgorithm": "MANIFEST_MD5",
            "description": None,
            "aliases": [{"artifactCollectionName": "data", "alias": "latest"}],
            "metadata": None,
            "labels": None,
            "ttlDurationSeconds": None,
            "historyStep": None,
            "enableDigestDeduplication": True,
            "distributedID": None,
            "clientID": None,
            "sequenceClientID": None,
            "storageRegion": None,
            "clientMutationId": None,
        }
        data = await self.ask(CREATE, input=wanted | changes)
        return data["createArtifact"]["artifact"]

    async def announce(self, artifact_id: str, digest: str, include_upload: bool) -> Any:
        """`artifactManifest` of the full manifest."""
        data = await self.ask(
            MANIFEST,
            artifactID=artifact_id,
            baseArtifactID=None,
            name="wandb_manifest.json",
            digest=digest,
            entityName="team",
            projectName="vision",
            runName="r1",
            manifestType="FULL",
            includeUpload=include_upload,
        )
        return data["createArtifactManifest"]["artifactManifest"]

    async def request(self, artifact_id: str, files: Mapping[str, bytes]) -> list[Any]:
        """Upload nodes in the order of the files."""
        specs = [
            {
                "artifactID": artifact_id,
                "artifactManifestID": None,
                "name": path,
                "md5": md5(content),
                "mimetype": None,
                "uploadPartsInput": None,
            }
            for path, content in files.items()
        ]
        wanted = {"artifactFiles": specs, "storageLayout": "V2", "cloudRegionID": None}
        data = await self.ask(FILES, input=wanted)
        return [edge["node"] for edge in data["createArtifactFiles"]["files"]["edges"]]

    async def put(self, node: Any, content: bytes) -> None:
        headers = dict(header.split(":", 1) for header in node["uploadHeaders"])
        async with self.client.session.put(
            node["uploadUrl"], data=content, headers=headers
        ) as response:
            assert response.status == 200

    async def get(self, url: str) -> bytes:
        """Fetch without an API key."""
        async with self.client.session.get(url) as response:
            assert response.status == 200
            return await response.read()

    async def log(
        self, files: Mapping[str, bytes], refs: Mapping[str, str] | None = None, **changes: object
    ) -> str:
        """Go through a whole upload; the version's id."""
        artifact = await self.create(files, **changes)
        artifact_id: str = artifact["id"]
        if artifact["state"] == "COMMITTED":
            return artifact_id
        await self.announce(artifact_id, "", include_upload=False)
        nodes = await self.request(artifact_id, files)
        contents: dict[str, Any] = {}
        for (path, content), node in zip(files.items(), nodes, strict=True):
            contents[path] = {
                "digest": md5(content),
                "birthArtifactID": node["artifact"]["id"],
                "size": len(content),
            }
            if node["uploadUrl"] is not None:
                self.sent.append(path)
                await self.put(node, content)
        for path, ref in (refs or {}).items():
            contents[path] = {"digest": ref, "ref": ref}
        document = json.dumps(
            {
                "version": 1,
                "storagePolicy": "wandb-storage-policy-v1",
                "storagePolicyConfig": {"storageLayout": "V2"},
                "contents": contents,
            }
        ).encode()
        manifest = await self.announce(artifact_id, md5(document), include_upload=True)
        await self.put(manifest["file"], document)
        await self.ask(COMMIT, artifactID=artifact_id)
        return artifact_id
