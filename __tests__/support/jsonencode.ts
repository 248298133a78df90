export { parseJsonencode } from "../../scripts/terraform/jsonencode";
