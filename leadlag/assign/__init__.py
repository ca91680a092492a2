"""From evidence and what is declared to judgement: coach, components, counterweights, verdict."""
