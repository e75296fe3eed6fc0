CREATE INDEX resource_gone_key ON resource (tenant, kind, vendor_key, gone_at)
  WHERE vendor_key IS NOT NULL AND gone_at IS NOT NULL;
