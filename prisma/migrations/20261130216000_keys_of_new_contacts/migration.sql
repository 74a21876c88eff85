-- A new contact may have further numbers and identifiers from the beginning (an import): they name it as those from a merge do, and
-- nobody else may have them.
CREATE OR REPLACE FUNCTION refuse_merged_keys() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  taken text;
BEGIN
  IF EXISTS (SELECT 1 FROM new_rows WHERE additional_phone_numbers <> '{}' OR additional_identifiers <> '{}') THEN
    INSERT INTO merged_contact_keys (account_id, kind, value, contact_id)
    SELECT account_id, 'phone_number', unnest(additional_phone_numbers), id FROM new_rows
    UNION
    SELECT account_id, 'identifier', unnest(additional_identifiers), id FROM new_rows;
    SELECT found.kind INTO taken
    FROM (
      SELECT 'phone_number' AS kind
      FROM new_rows n
        CROSS JOIN unnest(n.additional_phone_numbers) v
        JOIN contacts k ON k.account_id = n.account_id AND k.phone_number = v AND k.id <> n.id
      UNION ALL
      SELECT 'identifier'
      FROM new_rows n
        CROSS JOIN unnest(n.additional_identifiers) v
        JOIN contacts k ON k.account_id = n.account_id AND k.identifier = v AND k.id <> n.id
    ) found
    LIMIT 1;
  END IF;
  IF taken IS NULL THEN
    SELECT k.kind INTO taken
    FROM new_rows n
      JOIN merged_contact_keys k
        ON k.account_id = n.account_id
        AND (k.kind, k.value) IN (('phone_number', n.phone_number), ('identifier', n.identifier))
    WHERE k.contact_id <> n.id
    LIMIT 1;
  END IF;
  IF taken IS NOT NULL THEN
    RAISE unique_violation USING
      MESSAGE = format('another contact has this %s', taken),
      CONSTRAINT = format('contacts_account_id_%s_key', taken);
  END IF;
  RETURN NULL;
END $$;
