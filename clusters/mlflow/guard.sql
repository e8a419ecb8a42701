-- MLflow lets every user name the place of a new experiment's files, and its server then reads
-- them to that user: file:///etc, or the folder of somebody else's experiment. The database
-- admits one place, the experiment's own folder behind the server. An experiment is first
-- written without a place.
BEGIN;
ALTER TABLE experiments DROP CONSTRAINT IF EXISTS files_lie_behind_the_server;
ALTER TABLE experiments ADD CONSTRAINT files_lie_behind_the_server
    CHECK (artifact_location IN ('', 'mlflow-artifacts:/' || experiment_id));
COMMIT;
