"""Operations that mockwb does not serve yet: these lists may only shrink."""

NOT_YET: set[str] = set()
"""By name. An operation that has become valid and answered must leave it."""

NOT_YET_VALID = {
    # Artifacts, registries and automations: the schema alone is asked for.
    "AddArtifactCollectionTags",
    "CompleteMultipartUploadArtifact",
    "CreateAutomation",
    "CreateGenericWebhookIntegration",
    "CreateRegistryMembers",
    "DeleteArtifact",
    "DeleteArtifactCollectionTags",
    "DeleteArtifactPortfolio",
    "DeleteArtifactSequence",
    "DeleteAutomation",
    "DeleteRegistryMembers",
    "FetchAdvancedRegistryFeatures",
    "FetchRegistries",
    "FetchRegistry",
    "GetAutomationsLegacy",
    "GetEntityAutomations",
    "GetEntityAutomationsLegacy",
    "GetOrgAutomations",
    "IntegrationsByEntity",
    "LinkArtifact",
    "RegistryCollections",
    "RegistryTeamMembers",
    "RegistryUserMembers",
    "RegistryVersions",
    "RenameRegistry",
    "UnlinkArtifact",
    "UpdateArtifactPortfolio",
    "UpdateArtifactSequence",
    "UpdateArtifactSequenceType",
    "UpdateAutomation",
    "UpdateTeamRegistryRole",
    "UpdateUserRegistryRole",
    "UpsertRegistry",
}
"""By name. An operation that the schema takes must leave it."""
