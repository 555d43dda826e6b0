-- The number that a returned request bears already, where its desk numbers returns: its case keeps it.
ALTER TABLE pendings ADD COLUMN number TEXT;
CREATE UNIQUE INDEX pendings_by_number ON pendings (desk, number) WHERE number IS NOT NULL;
