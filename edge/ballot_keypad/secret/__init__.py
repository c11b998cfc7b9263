"""The secret ballot: trust -> choose -> prepare -> code -> cast or check -> recorded -> in the closed record
(ballot/SPEC). One contest is one Question; `Questions` are all those of this unit."""
