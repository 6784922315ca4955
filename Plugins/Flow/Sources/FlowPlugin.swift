public import Omnibus
internal import OmnibusExpression

extension Plugin {
  /// The steps that routes are made of beside connectors and formats.
  public static let flow = Plugin(
    name: "flow", version: "0.1.0",
    components: [
      .step("filter", "Stops, successfully, unless a condition holds.", Condition.self) { condition, _ in
        FilterStep(condition: condition)
      },
      .step("choice", "Runs the steps of the first branch whose condition holds.", Choice.self) { choice, _ in
        ChoiceStep(branches: choice.branches)
      },
      .transformer("set", "Sets the status, headers, properties, the body or fields of it.", SetOptions.self) {
        options, _ in SetStep(options)
      },
      .transformer("remove", "Removes headers, properties or fields of the body.", RemoveOptions.self) { options, _ in
        RemoveStep(options)
      },
      .transformer("map", "Makes a new body, as JSON.", Template.self) { template, _ in MapStep(template: template) },
      .transformer("validate", "Fails the message with all the rules that it breaks.", ValidateOptions.self) {
        options, _ in ValidateStep(options)
      },
      .step("split", "Runs steps on each part of the body.", SplitOptions.self) { options, _ in SplitStep(options) },
      .transformer("log", "Writes a line to the log.", LogOptions.self) { options, _ in LogStep(options) },
      .step("stop", "Ends the route, or the part of a split, successfully.", NoOptions.self) { _, _ in StopStep() },
      .transformer("fail", "Fails the message.", FailOptions.self) { options, _ in FailStep(options) },
      .step("do", "Runs steps as one, and others where they fail.", DoOptions.self) { options, _ in DoStep(options) },
      .step("delay", "Waits.", DelayOptions.self) { options, _ in DelayStep(time: options.time) },
    ])
}
