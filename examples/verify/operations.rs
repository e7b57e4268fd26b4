pub fn table() -> Result<(), Box<dyn std::error::Error>> {
    Ok(())
}
