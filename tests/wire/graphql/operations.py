"""Documents of the runs side as wandb 0.31.0 sends them."""

UPSERT = """
mutation UpsertBucket ($id: String, $name: String, $project: String, $entity: String,
    $groupName: String, $description: String, $displayName: String, $notes: String,
    $commit: String, $config: JSONString, $host: String, $debug: Boolean, $program: String,
    $repo: String, $jobType: String, $state: String, $sweep: String, $tags: [String!],
    $summaryMetrics: JSONString) {
  upsertBucket(input: {id:$id,name:$name,groupName:$groupName,modelName:$project,
      entityName:$entity,description:$description,displayName:$displayName,notes:$notes,
      config:$config,commit:$commit,host:$host,debug:$debug,jobProgram:$program,jobRepo:$repo,
      jobType:$jobType,state:$state,sweep:$sweep,tags:$tags,summaryMetrics:$summaryMetrics}) {
    bucket {
      id name displayName description config sweepName
      project { id name entity { id name } }
      historyLineCount
    }
    inserted
  }
}
"""

RESUME = """
query RunResumeStatus ($project: String, $entity: String, $name: String!) {
  model(name: $project, entityName: $entity) {
    id name entity { id name }
    bucket(name: $name, missingOk: true) {
      id name summaryMetrics displayName logLineCount historyLineCount eventsLineCount
      historyTail eventsTail config tags notes wandbConfig(keys: ["t"])
    }
  }
}
"""

RUN = """
query Run($project: String!, $entity: String!, $name: String!) {
  project(name: $project, entityName: $entity) {
    run(name: $name) {
      projectId id tags name displayName sweepName state config group jobType commit readOnly
      createdAt heartbeatAt description notes systemMetrics summaryMetrics historyLineCount
      user { name username } historyKeys exitcode stopped running failed shouldStop updatedAt
      computeSeconds host github runInfo { program args git { remote commit } }
    }
  }
}
"""

RUNS = """
query Runs($project: String!, $entity: String!, $cursor: String, $perPage: Int = 50,
    $order: String, $filters: JSONString) {
  project(name: $project, entityName: $entity) {
    internalId
    runCount(filters: $filters)
    readOnly
    runs(filters: $filters, after: $cursor, first: $perPage, order: $order) {
      edges { node { projectId id name state } cursor }
      pageInfo { endCursor hasNextPage }
    }
  }
}
"""

FILES = """
query RunFiles($project: String!, $entity: String!, $name: String!, $fileCursor: String,
    $fileLimit: Int = 50, $fileNames: [String] = [], $upload: Boolean = false, $pattern: String) {
  project(name: $project, entityName: $entity) {
    internalId
    run(name: $name) {
      fileCount
      files(names: $fileNames, after: $fileCursor, first: $fileLimit, pattern: $pattern) {
        edges {
          node { id name url(upload: $upload) directUrl sizeBytes mimetype updatedAt md5 }
          cursor
        }
        pageInfo { endCursor hasNextPage }
      }
    }
  }
}
"""

CREATE_FILES = """
mutation CreateRunFiles ($entity: String!, $project: String!, $run: String!, $files: [String!]!) {
  createRunFiles(input: {entityName:$entity,projectName:$project,runName:$run,files:$files}) {
    runID
    uploadHeaders
    files { name uploadUrl }
  }
}
"""

CONSOLE = """
query RunConsoleLogPage ($entity: String!, $project: String!, $runName: String!, $first: Int,
    $after: String) {
  project(name: $project, entityName: $entity) {
    run(name: $runName) {
      logLineCount
      logLines(first: $first, after: $after, useImprovedPagination: true) {
        edges { node { number timestamp level label line } }
        pageInfo { endCursor hasNextPage }
      }
    }
  }
}
"""
