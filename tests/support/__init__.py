"""What tests share: nothing here knows a test, and no product code imports it."""
